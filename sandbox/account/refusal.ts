import { xml } from './query-xml.ts';
import type { WireFault, WireRequest, WireResponse } from './wire.ts';

interface Refusal {
  readonly code: string;
  readonly status: number;
}

/** What is wrong, by S3's name for it. */
type Names = Readonly<Record<string, Refusal>>;

/** docs: AmazonS3/latest/API/ErrorResponses; common errors of the JSON services and of the Query ones, by their API references. */
const JSON_NAMES: Names = {
  AccessDenied: { code: 'AccessDeniedException', status: 400 },
  ExpiredToken: { code: 'ExpiredTokenException', status: 400 },
  InvalidAccessKeyId: { code: 'UnrecognizedClientException', status: 400 },
  InvalidToken: { code: 'UnrecognizedClientException', status: 400 },
  SignatureDoesNotMatch: { code: 'InvalidSignatureException', status: 400 },
};
const QUERY_NAMES: Names = {
  InvalidAccessKeyId: { code: 'InvalidClientTokenId', status: 403 },
  InvalidToken: { code: 'InvalidClientTokenId', status: 403 },
  ExpiredToken: { code: 'ExpiredToken', status: 403 },
};
/** docs: sns/latest/api/API_GetTopicAttributes, Errors. */
const SNS_NAMES: Names = { ...QUERY_NAMES, AccessDenied: { code: 'AuthorizationError', status: 403 } };
const EC2_NAMES: Names = {
  AccessDenied: { code: 'UnauthorizedOperation', status: 403 },
  ExpiredToken: { code: 'RequestExpired', status: 400 },
  InvalidAccessKeyId: { code: 'AuthFailure', status: 401 },
  InvalidToken: { code: 'AuthFailure', status: 401 },
  SignatureDoesNotMatch: { code: 'AuthFailure', status: 401 },
};

/** The answer to a call that is not let in, in the shape of the service's protocol. */
export function refuse(fault: WireFault, request: WireRequest, service: string): WireResponse {
  if (service === 'S3') return inS3(fault, request);
  if (service === 'Lambda') return inRest(fault);
  if (request.headers['x-amz-target'] !== undefined) return inJson(fault);
  return service === 'EC2' ? inEc2(fault) : inQuery(fault, service === 'SNS' ? SNS_NAMES : QUERY_NAMES);
}

const named = ({ code, status }: WireFault, names: Names): Refusal => names[code] ?? { code, status };

function inJson(fault: WireFault): WireResponse {
  const { code, status } = named(fault, JSON_NAMES);
  const body = JSON.stringify({ __type: code, Message: fault.message });
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
}

function inRest(fault: WireFault): WireResponse {
  const { code } = named(fault, JSON_NAMES);
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': code };
  return { status: 403, headers, body: JSON.stringify({ Message: fault.message }) };
}

function inEc2(fault: WireFault): WireResponse {
  const { code, status } = named(fault, EC2_NAMES);
  const said =
    code === 'UnauthorizedOperation'
      ? `You are not authorized to perform this operation. ${fault.message}`
      : fault.message;
  const content = { Response: { Errors: { Error: { Code: code, Message: said } }, RequestID: crypto.randomUUID() } };
  return asXml(status, xml(content));
}

function inQuery(fault: WireFault, names: Names): WireResponse {
  const { code, status } = named(fault, names);
  const error = { Error: { Type: 'Sender', Code: code, Message: fault.message }, RequestId: crypto.randomUUID() };
  return asXml(status, xml({ ErrorResponse: error }));
}

function inS3({ code, status, message }: WireFault, { method, path }: WireRequest): WireResponse {
  if (method === 'HEAD') return { status, headers: {}, body: '' };
  return asXml(status, xml({ Error: { Code: code, Message: message, Resource: path } }));
}

const asXml = (status: number, content: string): WireResponse => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${content}`,
});
