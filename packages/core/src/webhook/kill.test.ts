import { expect, it } from 'vitest'
import { receiverDrill, senderDrill } from './fixtures/kill-drill.ts'

it('kill -9 of the receiver in a storm: nothing lost, nothing done twice', { timeout: 120_000 }, async () => {
  const result = await receiverDrill({ seed: 7, kills: 5, messages: 600 })
  expect(result).toMatchObject({ messages: 600, kills: 5, lost: 0, duplicates: 0, disorder: 0 })
})

it('kill -9 of the sender among its deliveries: nothing lost, every message under one id', {
  timeout: 120_000,
}, async () => {
  const result = await senderDrill({ seed: 7, kills: 5, messages: 300 })
  expect(result).toMatchObject({ messages: 300, kills: 5, lost: 0, duplicates: 0 })
})
