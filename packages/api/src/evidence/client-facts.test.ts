// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs of clients hold them
import { expect, test } from 'vitest'
import { digestOf, pathLiterals } from './client-facts.ts'

const methodsOf = (program: string): Record<string, string[]> =>
  Object.fromEntries([...pathLiterals(new Map([['a.js', program]]))].map(([path, methods]) => [path, [...methods]]))

test('paths are found however the client is written', () => {
  expect(methodsOf('return this._client.post((0, path_1.path) `/zones/${zone_id}/purge`, { body })')).toEqual({
    '/zones/{}/purge': ['POST'],
  })
  expect(
    methodsOf(
      "const localVarPath = '/api/v2/incidents/{id}'.replace('{id}', id)\n ctx.makeRequestContext(localVarPath, HttpMethod.DELETE)",
    ),
  ).toEqual({ '/api/v2/incidents/{}': ['DELETE'] })
  expect(methodsOf('this.request({ path: `/alerts/v1`, method: "PATCH", body })')).toEqual({ '/alerts/v1': ['PATCH'] })
  expect(methodsOf('client.get(`/users/${encodeURIComponent(String(ids["a"]))}/keys`)')).toEqual({
    '/users/{}/keys': ['GET'],
  })
})

test('a method that is set before the path counts, and not the one that is set for the other path', () => {
  const program =
    "if (id != null) {\n method = 'PUT';\n path = `/${index}/_doc/${id}`;\n} else {\n method = 'POST';\n path = `/${index}/_doc`;\n}"
  expect(methodsOf(program)).toEqual({ '/{}/_doc/{}': ['PUT'], '/{}/_doc': ['POST'] })
  expect(methodsOf("method = body != null ? 'POST' : 'GET';\n const path = '/_count';")).toEqual({
    '/_count': ['POST', 'GET'],
  })
})

test('the method of the next path is not taken for this one', () => {
  expect(methodsOf("const one = '/one/{id}'; this.send({ path: '/two', method: 'PUT' })")).toEqual({
    '/one/{}': [],
    '/two': ['PUT'],
  })
})

test('quotes in comments lead nobody astray, and what is no path is left', () => {
  const program = "// don't `stop`\n/** it's */\nconst a = 'not a path'; const b = \"/a b\"; client.delete('/real')"
  expect(methodsOf(program)).toEqual({ '/real': ['DELETE'] })
})

test('one digest for a package, whatever the order of its files', () => {
  const files = [
    ['b.js', '2'],
    ['a.js', '1'],
  ] as const
  expect(digestOf(new Map(files))).toBe(digestOf(new Map(files.toReversed())))
  expect(digestOf(new Map([['a', 'abc']]))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
