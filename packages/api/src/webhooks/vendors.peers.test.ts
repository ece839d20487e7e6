import { systemClock } from '@patchbay/core'
import { compileVerifier } from '@patchbay/core/webhooks'
import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../tools/peers/suite.ts'
import { inbound } from './fixtures/messages.ts'
import { webhookPresets } from './index.ts'

type Headers = Readonly<Record<string, string>>

const bodies = [
  '{"id":"evt_0"}',
  '{ "id" : "evt_1",\r\n "name": "Zoë 🦜 \\u00e9" }\n',
  `{"id":"evt_2","long":"${'x'.repeat(20_000)}"}`,
]
const messages = bodies.map((body, index) => ({ id: `delivery-${index}`, body, secret: `whsec_ä secret ${index}` }))

describeWithPython("vendors' webhooks", new URL('./fixtures/vendor-signer.py', import.meta.url), (ask) => {
  test.each([
    ['stripe', (index: number) => `evt_${index}`],
    ['github', (index: number) => `delivery-${index}`],
    ['slack', undefined],
  ] as const)('we verify what %s makes, and refuse an altered body and another secret', async (vendor, messageId) => {
    const signed = await ask<Headers[]>({ vendor, messages })
    for (const [index, { body, secret }] of messages.entries()) {
      const headers = signed[index] as Headers
      const verdict = (key: string, text: string) => {
        const options = { secrets: [key], clock: systemClock }
        return compileVerifier(webhookPresets[vendor].scheme, options).verify(inbound(text, headers))
      }
      expect(verdict(secret, body)).toMatchObject({ accepted: true })
      if (messageId !== undefined) expect(verdict(secret, body)).toMatchObject({ messageId: messageId(index) })
      expect(verdict(secret, body.replace('evt', 'evu'))).toMatchObject({ accepted: false })
      expect(verdict(`${secret}!`, body)).toMatchObject({ accepted: false })
    }
  })
})
