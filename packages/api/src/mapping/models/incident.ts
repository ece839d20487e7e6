import { count, identity, oneOf, ownModel, people, reference, rest, text, time } from './fields.ts'

/** Something that is broken or under attack now, and the response to it. */
export const incident = ownModel(
  'incident',
  '1',
  'Incident',
  {
    ...identity('incident'),
    title: text('One line.'),
    description: text('What is known.'),
    status: oneOf(
      ['triggered', 'acknowledged', 'mitigated', 'resolved', 'closed'],
      'Where the response stands. `mitigated`: the damage has stopped, the cause has not been removed; `closed`: the review is done as well.',
    ),
    vendorStatus: text("The vendor's own word, where the vocabulary says less."),
    severity: oneOf(['critical', 'high', 'medium', 'low', 'informational'], 'How bad it is.'),
    vendorSeverity: text("The vendor's own word."),
    urgency: oneOf(['high', 'low'], 'Whether people are woken.'),
    kind: oneOf(['operations', 'security', 'data', 'other'], 'Which kind of harm.'),
    service: reference('What is affected first.'),
    team: reference('Who is responsible.'),
    assignees: people('Who responds now.'),
    source: reference('The monitor, rule or report that it came from.'),
    alertCount: count('Alerts that belong to it.'),
    summary: text('What happened and why, after it is over.'),
    startedAt: time('When the harm began, as far as known.'),
    acknowledgedAt: time('When somebody took it.'),
    mitigatedAt: time('When the harm stopped.'),
    resolvedAt: time('When it was over.'),
    ...rest,
  },
  ['id', 'title', 'status'],
)
