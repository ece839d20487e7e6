// Imports the documents named in the file that is the first argument, one a line; prints one outcome a line and, at last, the peak memory.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importDocument, simulationFrom } from './one-document.ts'

const [list = '', folder = '', simulate] = process.argv.slice(2)
const simulation = simulate === undefined ? undefined : await simulationFrom(simulate)
for (const document of readFileSync(list, 'utf8').split('\n')) {
  if (document === '') continue
  console.log(JSON.stringify({ started: document }))
  console.log(JSON.stringify(await importDocument(document, join(folder, document), simulation)))
}
console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS * 1024 }))
