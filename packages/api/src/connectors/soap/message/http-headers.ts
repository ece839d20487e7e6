import type { SoapVersion } from './build-envelope.ts'

/** Media type of a version's envelopes. */
export function mediaTypeOfVersion(version: SoapVersion): string {
  return version === '1.1' ? 'text/xml' : 'application/soap+xml'
}

/** The action as a parameter of the media type, which is where SOAP 1.2 has it. */
export function actionParameter(version: SoapVersion, action: string): string | undefined {
  return version === '1.1' || action === '' ? undefined : action
}

/** SOAP 1.1 section 6.1, SOAP 1.2 part 2 section 7. */
export function httpHeaders(version: SoapVersion, action: string): Record<string, string> {
  const type = mediaTypeOfVersion(version)
  const shown = actionParameter(version, action)
  return {
    accept: `${type}, multipart/related`,
    'content-type': `${type}; charset=utf-8${shown === undefined ? '' : `; action="${shown}"`}`,
    ...(version === '1.1' ? { soapaction: `"${action}"` } : {}),
  }
}
