import { createHash } from 'node:crypto'
import type { OpenApiDocument } from './openapi/document.ts'

export interface SwaggerUiOptions {
  /** Where the three files of `swagger-ui-dist` are served, relative to the page. Default `./swagger-ui`. */
  readonly assets?: string | undefined
  /** Lets readers send requests from the page to the servers of the document. Default false: the page connects to nothing. */
  readonly tryOut?: boolean | undefined
}

export interface SwaggerUiPage {
  readonly html: string
  /** For the response header of the same name; the page carries it too. */
  readonly contentSecurityPolicy: string
  /** What must be served below `assets`; see {@link swaggerUiFolder}. */
  readonly files: readonly string[]
}

const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const

/** The only script in the page. Its hash is in the policy, so no other can run. */
const script =
  "SwaggerUIBundle({spec:JSON.parse(document.getElementById('openapi').textContent),domNode:document.getElementById('page')," +
  "deepLinking:true,validatorUrl:null,queryConfigEnabled:false,supportedSubmitMethods:document.body.dataset.tryOut==='yes'?undefined:[]})"

const html = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

/** JSON that no HTML parser takes for the end of a script, whatever its texts hold. */
const json = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')

/**
 * One HTML page that shows an OpenAPI document with Swagger UI. It loads nothing but the files of the optional peer `swagger-ui-dist` that
 * the host application serves beside it, under a policy that allows no other host and no other script.
 */
export function swaggerUiPage(document: OpenApiDocument, options: SwaggerUiOptions = {}): SwaggerUiPage {
  const { assets = './swagger-ui', tryOut = false } = options
  if (!/^(?:\.{0,2}\/)?[\w./-]*$/.test(assets) || assets.includes('//'))
    throw new TypeError('swaggerUiPage: assets must be a path on the same host, such as ./swagger-ui')
  const base = assets.replace(/\/+$/, '')
  const connect = tryOut ? serverOrigins(document) : []
  const contentSecurityPolicy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    // Swagger UI sets styles from its script; texts of the document are sanitised by it and cannot.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src ${connect.length === 0 ? "'none'" : connect.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return {
    contentSecurityPolicy,
    files,
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${html(contentSecurityPolicy)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(document.info.title)}</title>
<link rel="stylesheet" href="${base}/${files[0]}">
<link rel="icon" href="${base}/${files[2]}">
</head>
<body data-try-out="${tryOut ? 'yes' : 'no'}">
<div id="page"></div>
<script type="application/json" id="openapi">${json(document)}</script>
<script src="${base}/${files[1]}"></script>
<script>${script}</script>
</body>
</html>
`,
  }
}

/** Hosts with variables cannot be named in a policy; those servers cannot be tried. */
function serverOrigins({ servers = [] }: OpenApiDocument): string[] {
  const origins = servers.flatMap(({ url }) =>
    /^https:\/\/[a-z0-9.-]+(?::\d+)?(?:\/|$)/.test(url) ? [new URL(url).origin] : [],
  )
  return [...new Set(origins)]
}
