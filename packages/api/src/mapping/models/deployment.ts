import { identity, oneOf, ownModel, person, reference, rest, text, time } from './fields.ts'

/** One version of a service brought to one environment. */
export const deployment = ownModel(
  'deployment',
  '1',
  'Deployment',
  {
    ...identity('deployment'),
    title: text('One line.'),
    status: oneOf(['pending', 'running', 'succeeded', 'failed', 'cancelled', 'rolled-back', 'unknown'], 'How it went.'),
    vendorStatus: text("The vendor's own word, where the vocabulary says less."),
    environment: oneOf(['production', 'staging', 'test', 'development', 'other'], 'What the environment is used for.'),
    environmentName: text("The environment's own name."),
    service: reference('What is deployed.'),
    version: text('Version that was deployed: a tag, a number.'),
    previousVersion: text('Version that was there before.'),
    revision: text('Revision of the source: the hash of the commit.'),
    branch: text('Branch of the revision.'),
    repository: reference('Where the source is.'),
    pipeline: reference('The run that deployed it.'),
    trigger: oneOf(['push', 'manual', 'schedule', 'api', 'rollback', 'other'], 'What started it.'),
    author: person('Who started it.'),
    change: reference('The change that allowed it.'),
    startedAt: time('When it began.'),
    finishedAt: time('When it ended, well or not.'),
    ...rest,
  },
  ['id', 'status'],
)
