/**
 * Numbers as text, the way Java 19 and later print them (`Double.toString`, `Float.toString`): shortest digits that
 * read back, at least one digit after the point, an exponent below 1e-3 and from 1e7 on. JSON and String converters
 * write numbers so, because Kafka Connect does.
 */

/** Java's `Double.toString`: `NaN`, `Infinity`, `-0.0`, `1.0E10`, `0.001`, `4.9E-324`. */
export function javaDouble(value: number): string {
  return (
    special(value) ??
    render(
      value < 0,
      twoDigits(Math.abs(value), (text) => Number(text) === Math.abs(value)),
    )
  )
}

/** Java's `Float.toString` of a value that is a 32-bit float: shortest digits among floats, `1.4E-45`. */
export function javaFloat(value: number): string {
  const given = special(value)
  if (given !== null) return given
  const magnitude = Math.abs(value)
  for (let digits = 1; digits <= 9; digits++) {
    const text = magnitude.toExponential(digits - 1)
    if (Math.fround(Number(text)) !== magnitude) continue
    const short = digits === 1 ? magnitude.toExponential(1) : text
    return render(value < 0, Math.fround(Number(short)) === magnitude ? short : text)
  }
  return render(value < 0, magnitude.toExponential(8))
}

function special(value: number): string | null {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return 'Infinity'
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  return null
}

/** Shortest digits; where one digit suffices Java takes the closest of two, so that 5E-324 is 4.9E-324. */
function twoDigits(magnitude: number, readsBack: (text: string) => boolean): string {
  const shortest = magnitude.toExponential()
  if (shortest.includes('.')) return shortest
  const two = magnitude.toExponential(1)
  return readsBack(two) ? two : shortest
}

/** From `d.ddde±x` to Java's form. */
function render(negative: boolean, exponential: string): string {
  const [mantissa = '', power = '0'] = exponential.split('e')
  const digits = mantissa.replace('.', '').replace(/0+$/, '') || '0'
  const exponent = Number(power)
  const sign = negative ? '-' : ''
  if (exponent < -3 || exponent >= 7) return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

/** Java's `BigDecimal.toString`: an exponent where the scale is negative or the number is smaller than 1e-6. */
export function javaDecimal(unscaled: bigint, scale: number): string {
  const negative = unscaled < 0n
  const digits = (negative ? -unscaled : unscaled).toString()
  const sign = negative ? '-' : ''
  const exponent = digits.length - 1 - scale
  if (scale === 0) return sign + digits
  if (scale > 0 && exponent >= -6) {
    const padded = digits.padStart(scale + 1, '0')
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
  }
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
  return `${sign}${digits[0]}${fraction}E${exponent > 0 ? '+' : ''}${exponent}`
}
