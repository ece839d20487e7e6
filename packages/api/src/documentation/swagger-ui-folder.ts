import { loadDriver } from '@patchbay/core/drivers'

/** The part of `swagger-ui-dist` that is called. */
interface AbsolutePath {
  readonly default: () => string
}

/**
 * The folder of the optional peer `swagger-ui-dist`, whose files a page of {@link import('./swagger-ui.ts').swaggerUiPage} needs beside it.
 * @throws Fault `driver-missing` with the line to install it
 */
export async function swaggerUiFolder(): Promise<string> {
  // @ts-expect-error: the package has no types, and need not be there.
  const load = (): Promise<AbsolutePath> => import('swagger-ui-dist/absolute-path.js')
  const { default: absolutePath } = await loadDriver('swagger-ui-dist', undefined, load, '^5')
  return absolutePath()
}
