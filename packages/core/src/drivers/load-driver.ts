import { Fault } from '../errors.ts'

/**
 * Loads an optional third-party library: the user's own copy when one was handed in, else the connector's literal `import()`.
 * @throws Fault `driver-missing` with the line to install it; a library that is there and broken keeps its own error.
 */
export async function loadDriver<T>(name: string, own: unknown, load: () => Promise<T>, range = ''): Promise<T> {
  if (own !== undefined) return own as T
  try {
    return await load()
  } catch (error) {
    if (!isMissing(error, name)) throw error
    const specifier = range === '' ? name : `"${name}@${range}"`
    throw new Fault({
      kind: 'driver-missing',
      code: name,
      message: `this needs the package ${name}: npm install ${specifier}`,
      cause: error,
    })
  }
}

function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') && String(message).includes(`'${name}'`)
}
