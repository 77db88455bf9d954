import { isAddress } from '../deploy/runbook-words.ts';

const RUNBOOK = '${__data.fields["alertname"]:percentencode}.md';

/** The column "Alert" of infra/grafana/alerts.ts, with its place for a link. */
const PLACE = /("options":\s*"Alert"\s*\},\s*"properties":\s*\[\s*\{\s*"id":\s*"links",\s*"value":\s*)\[\]/g;

/**
 * The dashboards that list alerts get a link to each one's runbook, where `runbookUrl` is an address: a path of this
 * repository, its default, would lead nowhere but into Grafana.
 */
export function withRunbookLinks(text: string, runbookUrl: string): string {
  if (!isAddress(runbookUrl)) return text;
  const links = JSON.stringify([{ title: 'Runbook', url: `${runbookUrl}/${RUNBOOK}` }]);
  return text.replaceAll(PLACE, (_, before: string) => `${before}${links}`);
}
