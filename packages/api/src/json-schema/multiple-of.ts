/** Exact in decimal: 0.3 is a multiple of 0.1, as everybody who writes a schema means it. */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) return value % divisor === 0
  const one = decimal(value)
  const other = decimal(divisor)
  const places = Math.max(one.places, other.places)
  return (
    (one.digits * 10n ** BigInt(places - one.places)) % (other.digits * 10n ** BigInt(places - other.places)) === 0n
  )
}

/** The shortest decimal that reads back as the number: digits / 10 ^ places. */
function decimal(value: number): { readonly digits: bigint; readonly places: number } {
  const [mantissa = '0', exponent = '0'] = String(value).split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const places = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 }
}
