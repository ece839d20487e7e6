// biome-ignore-all lint/suspicious/noTemplateCurlyInString: programs of clients hold them
import { expect, test } from 'vitest'
import { basePath, pathShape, placeholders } from './path-shape.ts'

test.each([
  ['/users/{id}/', '/users/{}'],
  ['/users/:key', '/users/{}'],
  ['/users/${userId}/keys?x=1', '/users/{}/keys'],
  ['//a//b', '/a/b'],
  ['/v1/{name}:undelete', '/v1/{}:undelete'],
  ['/a%20b/{x}.{format}', '/a b/{}.{}'],
  ['/Case/Counts', '/Case/Counts'],
  ['', '/'],
])('%s is %s', (path, shape) => {
  expect(pathShape(path)).toBe(shape)
})

test('base URLs have a path, or hide it', () => {
  expect(basePath('https://api.acme.example/v2/')).toBe('/v2')
  expect(basePath('https://{region}.acme.example')).toBe('')
  expect(basePath('//acme.example/v1')).toBe('/v1')
  expect(basePath('/api')).toBe('/api')
  expect(basePath('{url}')).toBeUndefined()
})

test('placeholders come in order, those of the query do not', () => {
  expect(placeholders('/a/{one}/b/{two}?q={three}')).toEqual(['one', 'two'])
})
