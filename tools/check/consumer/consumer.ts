import type { CheckResult } from '../finding.ts'
import { withPacked } from '../pack.ts'
import { compileConsumer, compilers } from './compile.ts'
import { installAlone } from './install.ts'
import { runConsumer } from './start.ts'

/**
 * What happens to somebody who installs one package and nothing else: it installs, every subpath compiles with the libraries
 * checked too (`skipLibCheck: false`), under every resolver and compiler that we support, and loads, without any optional peer.
 */
export async function consumer(root: string): Promise<CheckResult> {
  return withPacked(root, async (packed, folder) => {
    const findings = packed.flatMap((one) => {
      const place = installAlone(root, one, packed, folder)
      if ('findings' in place) return place.findings
      return [...compileConsumer(place), ...runConsumer(place)]
    })
    const with_ = compilers.map(({ name }) => name).join(' and ')
    return {
      checked: `${packed.length} packages installed alone, compiled by ${with_} under nodenext and bundler, and run`,
      findings,
    }
  })
}
