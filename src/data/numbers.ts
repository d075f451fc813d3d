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

/**
 * Java's `Float.toString` of a value that is a 32-bit float: of the shortest decimals that read back as this float, but
 * at least two digits long, the closest, and of two equally close ones the even: `1.4E-45`, `3333333.2`.
 */
export function javaFloat(value: number): string {
  const given = special(value)
  if (given !== null) return given
  const magnitude = Math.abs(value)
  const readsBack = (text: string): boolean => Math.fround(Number(text)) === magnitude
  // Below a power of two floats lie closer together: the closest decimal may miss where the next one above hits.
  const lopsided = Number.isInteger(Math.log2(magnitude))
  for (let digits = 2; digits < 9; digits++) {
    const closest = magnitude.toExponential(digits - 1)
    if (readsBack(closest)) {
      const even = evenOf(magnitude, closest, digits)
      return render(value < 0, readsBack(even) ? even : closest)
    }
    if (!lopsided) continue
    const above = stepped(closest, digits, 1)
    if (readsBack(above)) return render(value < 0, above)
  }
  return render(value < 0, evenOf(magnitude, magnitude.toExponential(8), 9))
}

/** `toExponential` takes the larger of two equally close decimals; this is the even one. */
function evenOf(magnitude: number, closest: string, digits: number): string {
  const isTie = /50{20}e/.test(magnitude.toExponential(digits + 20))
  return isTie && /[13579]e/.test(closest) ? stepped(closest, digits, -1) : closest
}

/** The decimal of so many digits next to this one. */
function stepped(exponential: string, digits: number, by: 1 | -1): string {
  const [mantissa = '', power = '0'] = exponential.split('e')
  const number = Number(mantissa.replace('.', '')) + by
  return Number(`${number}e${Number(power) - digits + 1}`).toExponential(digits - 1)
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
