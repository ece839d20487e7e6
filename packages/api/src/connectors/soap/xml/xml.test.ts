import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeXml } from './decode-xml.ts'
import { parseXml, XmlRefusal } from './parse-xml.ts'
import { isXmlText, serializeXml } from './serialize-xml.ts'
import { XmlElement } from './xml-element.ts'

const refusal = (text: string, limits = {}): string => {
  try {
    parseXml(text, limits)
    return 'accepted'
  } catch (error) {
    if (error instanceof XmlRefusal) return error.message
    throw error
  }
}

describe('refuses', () => {
  const laughs = `<!DOCTYPE l [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, at) => `<!ENTITY a${at} "&a${at - 1};&a${at - 1};">`).join('')}]><l>&a29;</l>`
  it.each([
    ['billion laughs', laughs, /document type/],
    ['an external entity', '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /document type/],
    ['an external document type', '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', /document type/],
    ['an unknown entity', '<a>&nbsp;</a>', /not well-formed/],
    ['a processing instruction', '<a><?php x?></a>', /processing instruction/],
    ['depth', `${'<a>'.repeat(1e5)}`, /more than 100 elements deep/],
    ['many elements', `<a>${'<b/>'.repeat(20)}</a>`, /more than 10 elements/],
    [
      'many attributes',
      `<a ${Array.from({ length: 300 }, (_, at) => `a${at}="1"`).join(' ')}/>`,
      /more than 200 attributes/,
    ],
    [
      'many namespaces',
      `<a ${Array.from({ length: 300 }, (_, at) => `xmlns:a${at}="urn:a"`).join(' ')}/>`,
      /more than 200 attributes/,
    ],
    ['one attribute under two prefixes', '<x xmlns:a="u" xmlns:b="u" a:c="1" b:c="2"/>', /not well-formed/],
    ['an undeclared prefix', '<a:b/>', /not well-formed/],
    ['two roots', '<a/><b/>', /not well-formed/],
    ['nothing', '', /not well-formed|no element/],
    ['text alone', 'text', /not well-formed/],
    ['a control character', '<a>\u0001</a>', /not well-formed/],
  ])('%s', (_, text, message) => {
    expect(refusal(text, message.source.includes('10 elements') ? { maxElements: 10 } : {})).toMatch(message)
  })

  it('hostile texts in no time that grows with their square', () => {
    const begun = performance.now()
    for (const piece of ['<', '<a ', '<!--', '<![CDATA[', '&', '<a b="', ']]>', '<?x ', '</a>', "<a xmlns:b='"])
      refusal(piece.repeat(2_000_000 / piece.length))
    expect(performance.now() - begun).toBeLessThan(5000)
  })
})

it('reads what it writes', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).filter(isXmlText)
  const name = fc.constantFrom('a', 'b', 'Straße', '_x-1.y')
  const tree = fc.letrec<{ node: XmlElement }>((tie) => ({
    node: fc
      .record({
        local: name,
        spaced: fc.boolean(),
        attributes: fc.dictionary(name, text, { maxKeys: 3 }),
        children: fc.array(fc.oneof({ maxDepth: 4 }, text, tie('node')), { maxLength: 4 }),
      })
      .map(({ local, spaced, attributes, children }) => {
        const element = new XmlElement(spaced ? 'n' : '', local, spaced ? 'urn:n' : '')
        for (const [key, value] of Object.entries(attributes))
          element.attributes.push({ prefix: '', local: key, uri: '', value })
        for (const child of children) {
          const last = element.children.length - 1
          if (typeof child !== 'string') element.append(child)
          else if (child !== '' && typeof element.children[last] === 'string') element.children[last] += child
          else if (child !== '') element.children.push(child)
        }
        return element
      }),
  }))
  fc.assert(
    fc.property(tree.node, (root) => {
      root.declared = new Map([['n', 'urn:n']])
      const written = serializeXml(root)
      const again = parseXml(written)
      expect(serializeXml(again)).toBe(written)
      expect(again.text).toBe(root.text)
    }),
    { numRuns: 300 },
  )
})

it('answers to any text with a tree or a refusal', () => {
  const piece = fc.constantFrom(
    ...[
      '<a>',
      '</a>',
      '<b:c xmlns:b="u">',
      '</b:c>',
      '<a x="1">',
      '<d/>',
      '&amp;',
      '&#0;',
      '&#x110000;',
      '&x;',
      '<![CDATA[',
      ']]>',
    ],
    ...[
      '<!--',
      '-->',
      '<?xml version="1.1"?>',
      '<!DOCTYPE a>',
      '\u0000',
      '\ud800',
      'text',
      '<',
      '>',
      '"',
      "'",
      '=',
      '<a xmlns="">',
      '<xmlns:a/>',
    ],
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 30 }), (pieces) => {
      refusal(pieces.join(''))
    }),
    { numRuns: 2000 },
  )
})

describe('decodes', () => {
  it.each<[string, Uint8Array, string | undefined]>([
    ['UTF-8', Buffer.from('<a>é</a>'), undefined],
    ['a byte order mark', Buffer.from('\ufeff<a>é</a>'), 'iso-8859-1'],
    ['UTF-16 by its mark', Buffer.from('\ufeff<a>é</a>', 'utf16le'), undefined],
    ['what the document says', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', 'latin1'), undefined],
    ['what HTTP says', Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>é</a>', 'latin1'), 'iso-8859-1'],
  ])('%s', (_, bytes, charset) => {
    expect(parseXml(decodeXml(bytes, charset)).text).toBe('é')
  })

  it.each<[Uint8Array, string | undefined]>([
    [Buffer.from([0x3c, 0xff]), undefined],
    [Buffer.from('<a/>'), 'klingon'],
  ])('refuses what does not fit', (bytes, charset) => {
    expect(() => decodeXml(bytes, charset)).toThrow(XmlRefusal)
  })
})
