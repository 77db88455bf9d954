import { type CollectionTag, isCollection, parse, type ScalarTag } from 'yaml';

/** `!Sub x` is `{"Fn::Sub": "x"}`: docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
const SHORT = ['Base64', 'Equals', 'If', 'Not', 'And', 'Or', 'Join', 'Select', 'Split', 'Sub'];

const tags = (name: string, key: string): readonly (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (value) => ({ [key]: key === 'Fn::GetAtt' ? value.split('.') : value }) },
  {
    tag: `!${name}`,
    collection: 'seq',
    resolve: (list) => ({ [key]: isCollection(list) ? (list.toJSON() as unknown) : list }),
  },
];
const TAGS = [
  ...tags('Ref', 'Ref'),
  ...tags('Condition', 'Condition'),
  ...tags('GetAtt', 'Fn::GetAtt'),
  ...SHORT.flatMap((name) => tags(name, `Fn::${name}`)),
];

/** A template as CloudFormation takes it: YAML with its short forms, or JSON. */
export const readSource = (text: string): unknown =>
  text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { customTags: TAGS });
