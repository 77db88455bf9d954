import { lockFile, packageStack } from './package-stack.ts';
import { reportAndExit } from './report-and-exit.ts';

/** `npm run package -- [--stage …] [--region …] [--param name=value]`: everything of a deploy that needs no account. */
try {
  await packageStack('.', lockFile(process.env), process.argv.slice(2));
  console.log('.serverless/cloudformation-template-update-stack.json and one zip per function are ready');
} catch (error) {
  reportAndExit(error);
}
