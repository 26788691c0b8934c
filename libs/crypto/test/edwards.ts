// Edwards25519 in plain BigInt arithmetic, written from RFC 8032 §5.1: an independent source of points for attacks. Tests only.
import { createHash } from 'node:crypto';

export const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint];

const mod = (a: bigint, m: bigint = P): bigint => ((a % m) + m) % m;

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  let square = mod(base);
  for (let e = exponent; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
};

const invert = (a: bigint): bigint => power(a, P - 2n);
const D = mod(-121665n * invert(121666n));
const SQRT_M1 = power(2n, (P - 1n) / 4n);
const IDENTITY: Point = [0n, 1n, 1n, 0n];

const add = ([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point => {
  const [a, b] = [mod((y1 - x1) * (y2 - x2)), mod((y1 + x1) * (y2 + x2))];
  const [c, d] = [mod(2n * D * t1 * t2), mod(2n * z1 * z2)];
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
};

const multiply = (point: Point, scalar: bigint): Point => {
  let result = IDENTITY;
  let double = point;
  for (let s = scalar; s > 0n; s >>= 1n) {
    if ((s & 1n) === 1n) result = add(result, double);
    double = add(double, double);
  }
  return result;
};

/** The point with this y, if there is one. */
const lift = (y: bigint): Point | undefined => {
  const square = mod((y * y - 1n) * invert(D * y * y + 1n));
  const root = power(square, (P + 3n) / 8n);
  const x = mod(root * root) === square ? root : mod(root * SQRT_M1);
  return mod(x * x) === square ? [x, y, 1n, mod(x * y)] : undefined;
};

export const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));

export const fromLittleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);

const spellings = ([x, y, z]: Point): string[] => {
  const [ax, ay] = [mod(x * invert(z)), mod(y * invert(z))];
  const signs = ax === 0n ? [0n, 1n] : [ax & 1n];
  const ys = [ay, ay + P].filter((v) => v < 2n ** 255n);
  return ys.flatMap((v) =>
    signs.map((sign) => Buffer.from(littleEndian(v | (sign << 255n))).toString('hex')),
  );
};

/** Every encoding, canonical or not, of every point whose order divides 8, as hex. Found by multiplying points by L. */
export const smallOrderEncodings = (): Set<string> => {
  const found = new Set<string>();
  for (let y = 2n; y < 100n; y++) {
    const point = lift(y);
    if (point === undefined) continue;
    for (const text of spellings(multiply(point, L))) found.add(text);
  }
  return found;
};

/** The secret scalar of a seed (RFC 8032 §5.1.5). */
export const scalarOf = (seed: Uint8Array): bigint => {
  const hashed = createHash('sha512').update(seed).digest().subarray(0, 32);
  return (fromLittleEndian(hashed) & (2n ** 254n - 8n)) | (2n ** 254n);
};

/** SHA-512(R || A || M) mod L. */
export const challenge = (r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint =>
  fromLittleEndian(createHash('sha512').update(r).update(a).update(message).digest()) % L;
