import { ecrRegistryOf } from '../../ecr/hostname.js';
import { ecrCredentials } from '../../ecr/tokens.js';
import { openAws } from '../aws.js';
import { awsEndpoints } from '../endpoints.js';

// A process of its own: node … asks-for-token.ts HOST ROLE. Ends without closing anything.
const [, , host = '', arn = ''] = process.argv;
const registry = ecrRegistryOf(host);
if (registry === undefined) throw new Error(`${host} is none of Amazon's`);
const variables = process.env;
const aws = openAws({ variables, endpoints: awsEndpoints(variables) });
const session = aws.session({ role: { arn, sessionName: 'ann' } });
const { kind } = await ecrCredentials(session, registry)(host);
console.log(kind);
