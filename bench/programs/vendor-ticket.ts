/** A record as a tracker may send it: about 1.6 kB of JSON. */
export const vendorTicket = {
  id: 41_877,
  ref: 'OPS-417',
  summary: 'Build agents run out of disk during the nightly release',
  body: `${'The agents in the second rack stop at 02:10 with "no space left on device". '.repeat(6)}Please look.`,
  state: { code: 3, label: 'Waiting for customer' },
  prio: 'P2',
  created: 1_772_359_200,
  changed: '2026-03-02T08:15:30.250+0100',
  hidden: '0',
  author: { login: 'ada', mail: 'ada@example.com', names: { full: 'Ada Lovelace', short: 'Ada' }, locale: 'en-GB' },
  owner: null,
  tags: ['release', 'disk', 'nightly'],
  properties: [
    { id: 'team', value: 'Platform', type: 'text' },
    { id: 'cost-centre', value: '4711', type: 'text' },
    { id: 'customer-visible', value: 'yes', type: 'flag' },
    { id: 'sla', value: 'gold', type: 'text' },
  ],
  children: [
    { id: 41_878, kind: 'task', title: 'Clean the caches', done: true, estimate: 30 },
    { id: 41_879, kind: 'note', title: 'Rack plan attached', done: false, estimate: 0 },
    { id: 41_880, kind: 'task', title: 'Order larger disks', done: false, estimate: 120 },
    { id: 41_881, kind: 'task', title: 'Alert at 80 percent', done: false, estimate: 15 },
  ],
  links: { self: 'https://tracker.example.com/api/tickets/41877', web: 'https://tracker.example.com/t/OPS-417' },
  watchers: 12,
}
