export { ByteBuffer, viewOf } from './byte-buffer.ts'
export { latin1, utf8 } from './text.ts'
export { writeInteger } from './digits.ts'
export { Literal } from './literal.ts'
