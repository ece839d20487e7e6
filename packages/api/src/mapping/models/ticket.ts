import {
  count,
  flag,
  identifier,
  identity,
  link,
  listOf,
  object,
  oneOf,
  ownModel,
  person,
  reference,
  rest,
  text,
  time,
} from './fields.ts'

/** A piece of work that somebody asked for: an issue, a request, a bug, a case. */
export const ticket = ownModel(
  'ticket',
  '1',
  'Ticket',
  {
    ...identity('ticket'),
    title: text('One line.'),
    description: text('The text, as the vendor has it; `descriptionFormat` says how it is written.'),
    descriptionFormat: oneOf(['plain', 'markdown', 'html', 'wiki', 'json'], 'How `description` is written.'),
    type: oneOf(
      ['task', 'bug', 'request', 'incident', 'problem', 'question', 'change', 'epic', 'other'],
      'What is asked for.',
    ),
    status: oneOf(
      ['new', 'open', 'pending', 'on-hold', 'resolved', 'closed', 'cancelled'],
      'Where it stands. `pending` waits for the requester, `on-hold` for somebody else; `resolved` may be opened again, `closed` not.',
    ),
    vendorStatus: text("The vendor's own word, where the vocabulary says less."),
    priority: oneOf(['critical', 'high', 'medium', 'low', 'none'], 'How soon it is to be done.'),
    vendorPriority: text("The vendor's own word."),
    requester: person('Who asked.'),
    assignee: person('Who works on it.'),
    team: reference('The group that works on it.'),
    project: reference('The project, queue or repository that it is in.'),
    parent: reference('The ticket that it is a part of.'),
    dueAt: time('When it is to be done.'),
    resolvedAt: time('When it was done.'),
    comments: listOf(
      object(
        {
          id: identifier("The vendor's id of the comment."),
          author: person('Who wrote it.'),
          text: text('The text.'),
          createdAt: time('When it was written.'),
          isPublic: flag('Whether the requester sees it.'),
        },
        ['id'],
        'One comment.',
      ),
      'Comments, oldest first, as far as the answer has them.',
    ),
    attachments: listOf(
      object(
        {
          id: identifier("The vendor's id of the file."),
          name: text('Name of the file.'),
          url: link('Where it can be fetched with the same credential.'),
          size: count('Bytes.'),
          mediaType: text('Such as image/png.'),
        },
        ['id'],
        'One file.',
      ),
      'Files that belong to it.',
    ),
    custom: { type: 'object', description: "Fields that the vendor's customer added, by their names." },
    ...rest,
  },
  ['id', 'title', 'status'],
)
