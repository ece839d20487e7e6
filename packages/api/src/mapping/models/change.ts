import { identity, listOf, object, oneOf, ownModel, person, reference, references, rest, text, time } from './fields.ts'

/** A planned change of something that runs, with its approval. */
export const change = ownModel(
  'change',
  '1',
  'Change',
  {
    ...identity('change'),
    title: text('One line.'),
    description: text('What is to be done and why.'),
    kind: oneOf(['standard', 'normal', 'emergency'], 'How it is approved: beforehand, case by case, afterwards.'),
    status: oneOf(
      [
        'draft',
        'requested',
        'approved',
        'rejected',
        'scheduled',
        'implementing',
        'review',
        'closed',
        'failed',
        'cancelled',
      ],
      'Where it stands. `closed`: done and reviewed; `failed`: not done, or taken back.',
    ),
    vendorStatus: text("The vendor's own word, where the vocabulary says less."),
    risk: oneOf(['high', 'medium', 'low', 'none'], 'How likely harm is.'),
    impact: oneOf(['high', 'medium', 'low', 'none'], 'How much harm there could be.'),
    requester: person('Who asked.'),
    assignee: person('Who does it.'),
    team: reference('Group that does it.'),
    approvals: listOf(
      object(
        {
          approver: person('Who decides.'),
          decision: oneOf(['pending', 'approved', 'rejected'], 'What was decided.'),
          decidedAt: time('When.'),
        },
        ['decision'],
        'One approval.',
      ),
      'Who must agree, and what they said.',
    ),
    affects: references('What is changed.'),
    plan: text('Steps.'),
    rollbackPlan: text('Steps back.'),
    plannedStartAt: time('Beginning of the window.'),
    plannedEndAt: time('End of the window.'),
    startedAt: time('When it began.'),
    endedAt: time('When it ended.'),
    ...rest,
  },
  ['id', 'title', 'status'],
)
