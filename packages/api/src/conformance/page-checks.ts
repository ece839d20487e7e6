import { type APICheck, openBench, ready } from './api-subject.ts'
import { demand } from './demand.ts'

export const pageChecks: readonly APICheck[] = [
  {
    name: 'lists come to their end with every record once',
    effect: 'read',
    needs: ['lists'],
    async run(subject) {
      for (const { name, run, answer, pages, records } of subject.lists ?? []) {
        demand(pages >= 2, `${name}: the subject's list has less than 2 pages`)
        await using bench = await openBench(subject)
        bench.server.answer = answer
        await ready(bench)
        const seen: string[] = []
        for await (const record of run(bench.connection, {})) {
          seen.push(JSON.stringify(record))
          demand(seen.length <= records, `${name} gave more than ${records} records`)
        }
        demand(seen.length === records, `${name} gave ${seen.length} of ${records} records`)
        demand(new Set(seen).size === records, `${name} gave some records twice`)
        // A vendor that tells no total is asked for one page more, which is empty.
        const { length } = bench.server.requests
        demand(length === pages || length === pages + 1, `${name} asked for ${length} pages instead of ${pages}`)
      }
    },
  },
  {
    name: 'lists ask for a page only when it is wanted',
    effect: 'read',
    needs: ['lists'],
    async run(subject) {
      for (const { name, run, answer } of subject.lists ?? []) {
        await using bench = await openBench(subject)
        bench.server.answer = answer
        await ready(bench)
        const pages = run(bench.connection, {})
        demand(bench.server.requests.length === 0, `${name} asked before anybody read`)
        for await (const _record of pages) break
        demand(
          bench.server.requests.length === 1,
          `${name} asked for ${bench.server.requests.length} pages to give one record`,
        )
      }
    },
  },
]
