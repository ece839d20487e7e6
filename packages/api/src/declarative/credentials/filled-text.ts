import { TemplateProblem } from '../deployments/url-template.ts'
import type { Values } from '../manifest-parts.ts'

/** Fills {name} of a configuration into a text that is no URL. @throws TemplateProblem for what is missing */
export function filledText(template: string, config: Values, where: string): string {
  return template.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(config, name) ? config[name] : undefined
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    throw new TemplateProblem(name, `is missing: ${where} of the credential needs it`)
  })
}
