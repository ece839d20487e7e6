export { defaultOutput, defaultSteps, type ExpressionBudget } from './budget.ts'
export { compileExpression, type Expression } from './expression.ts'
export { ExpressionError, type ExpressionErrorCode } from './expression-error.ts'
export type { ExpressionWarning } from './syntax.ts'
