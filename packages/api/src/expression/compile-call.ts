import { type Run, spend } from './budget.ts'
import { ExpressionError } from './expression-error.ts'
import { functions } from './functions/functions.ts'
import { accepts, type ExpressionFunction, type ParameterType } from './functions/signature.ts'
import type { Step } from './step.ts'
import type { Call, Node } from './syntax.ts'
import { typeOf } from './values.ts'

/** Names, numbers of arguments and where `&` must stand are checked here; types of values only when it runs. */
export function compileCall(call: Call, compile: (node: Node) => Step): Step {
  const { name, offset } = call
  const called = Object.hasOwn(functions, name) ? (functions[name] as ExpressionFunction) : undefined
  if (called === undefined) throw unknownFunction(name, offset)
  checkArity(call, called)
  const given = call.arguments.map(({ node, reference, offset: start }, index) => {
    const types = parameter(called, index)
    if (reference !== types.includes('expression')) {
      const remedy = reference ? 'leave the "&" away' : 'put "&" before it, as in sort_by(list, &name)'
      const problem = `argument ${index + 1} of ${name}() must ${reference ? 'not ' : ''}be an expression reference`
      throw new ExpressionError('invalid-type', problem, start, remedy)
    }
    const read = compile(node)
    return { types, reference, read: reference ? () => read : read, offset: start }
  })
  const fail = (code: 'invalid-type' | 'invalid-value' | 'not-a-number', problem: string, remedy: string) =>
    new ExpressionError(code, `${name}(): ${problem}`, offset, remedy)
  return (value: unknown, run: Run) => {
    spend(run, 1)
    const values = given.map(({ read, types, reference, offset: start }, index) => {
      const argument = read(value, run) ?? null
      if (!reference && !accepts(types, argument, run)) {
        throw wrongType(name, index, types, argument, start)
      }
      return argument
    })
    return called.call(values, run, fail)
  }
}

function parameter({ parameters }: ExpressionFunction, index: number): readonly ParameterType[] {
  return parameters[Math.min(index, parameters.length - 1)] ?? []
}

function checkArity({ name, arguments: given, offset }: Call, called: ExpressionFunction): void {
  const least = called.least ?? called.parameters.length
  const most = called.variadic === true ? Number.POSITIVE_INFINITY : called.parameters.length
  if (given.length >= least && given.length <= most) return
  const range =
    most === least ? `${least}` : most === Number.POSITIVE_INFINITY ? `${least} or more` : `${least} to ${most}`
  const problem = `${name}() has ${given.length} arguments`
  throw new ExpressionError('invalid-arity', problem, offset, `it takes ${range}`)
}

function unknownFunction(name: string, offset: number): ExpressionError {
  const near = Object.keys(functions).filter((one) => one.startsWith(name.slice(0, 2)))
  const remedy = `the functions are ${(near.length > 0 ? near : Object.keys(functions)).join(', ')}`
  return new ExpressionError('unknown-function', `there is no function ${name}()`, offset, remedy)
}

function wrongType(
  name: string,
  index: number,
  types: readonly ParameterType[],
  value: unknown,
  offset: number,
): ExpressionError {
  const problem = `argument ${index + 1} of ${name}() is ${typeOf(value)}`
  const remedy = `it must be ${types.join(' or ')}; see to_string, to_number, to_array and not_null`
  return new ExpressionError('invalid-type', problem, offset, remedy)
}
