/**
 * The Dutch grid, Amersfoort / RD New (EPSG:28992): an oblique stereographic projection of the
 * Bessel ellipsoid, and the seven numbers that bring Bessel to WGS84 (within about half a metre
 * of the official way, which needs a correction grid).
 */

const WGS84 = { a: 6378137, es: 0.00669437999014 };
const BESSEL = { a: 6377397.155, es: 0.006674372230614 };
const ARC_SECOND = Math.PI / 180 / 3600;
const [DX, DY, DZ] = [565.2369, 50.0087, 465.658];
const [RX, RY, RZ] = [-0.406857330322398, 0.350732676542563, -1.8703473836068].map(
  (angle) => angle * ARC_SECOND,
) as [number, number, number];
const GROWTH = 1 + 4.0812e-6;

const [LAT, LON] = [(52.1561605555556 * Math.PI) / 180, (5.38763888888889 * Math.PI) / 180];
const [EAST, NORTH, FACTOR] = [155000, 463000, 0.9999079];

/** The sphere of Gauss on which the projection draws. */
const SPHERE = (() => {
  const { es } = BESSEL;
  const e = Math.sqrt(es);
  const sine = Math.sin(LAT);
  const c = Math.sqrt(1 + (es * Math.cos(LAT) ** 4) / (1 - es));
  const chi = Math.asin(sine / c);
  const radius = Math.sqrt(1 - es) / (1 - es * sine * sine);
  const k = Math.tan(chi / 2 + Math.PI / 4) / (Math.tan(LAT / 2 + Math.PI / 4) ** c * ratio(e * sine, (c * e) / 2));
  return { e, c, k, chi, radius };
})();

function ratio(sine: number, power: number): number {
  return ((1 - sine) / (1 + sine)) ** power;
}

/** Longitude and latitude (WGS84, degrees) as metres east and north in RD. */
export function toRd(lon: number, lat: number): [number, number] {
  const [lam, phi] = toBessel((lon * Math.PI) / 180, (lat * Math.PI) / 180);
  const { e, c, k, chi, radius } = SPHERE;
  const b = 2 * Math.atan(k * Math.tan(phi / 2 + Math.PI / 4) ** c * ratio(e * Math.sin(phi), (c * e) / 2)) - Math.PI / 2;
  const l = c * (lam - LON);
  const [sin, cos, cosL] = [Math.sin(b), Math.cos(b), Math.cos(l)];
  const far = 1 + Math.sin(chi) * sin + Math.cos(chi) * cos * cosL;
  const scale = (FACTOR * 2 * radius * BESSEL.a) / far;
  return [
    EAST + scale * cos * Math.sin(l),
    NORTH + scale * (Math.cos(chi) * sin - Math.sin(chi) * cos * cosL),
  ];
}

/** Metres east and north in RD as longitude and latitude (WGS84, degrees). */
export function fromRd(east: number, north: number): [number, number] {
  const { e, c, k, chi, radius } = SPHERE;
  const x = (east - EAST) / (FACTOR * BESSEL.a);
  const y = (north - NORTH) / (FACTOR * BESSEL.a);
  const rho = Math.hypot(x, y);
  const angle = 2 * Math.atan2(rho, 2 * radius);
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const b = rho ? Math.asin(cos * Math.sin(chi) + (y * sin * Math.cos(chi)) / rho) : chi;
  const l = rho ? Math.atan2(x * sin, rho * Math.cos(chi) * cos - y * Math.sin(chi) * sin) : 0;
  const goal = (Math.tan(b / 2 + Math.PI / 4) / k) ** (1 / c);
  let phi = b;
  for (let i = 0; i < 20; i++) {
    const next = 2 * Math.atan(goal * ratio(e * Math.sin(phi), -e / 2)) - Math.PI / 2;
    const isDone = Math.abs(next - phi) < 1e-14;
    phi = next;
    if (isDone) break;
  }
  const [lon, lat] = fromBessel(l / c + LON, phi);
  return [(lon * 180) / Math.PI, (lat * 180) / Math.PI];
}

type Solid = [number, number, number];

function fromBessel(lam: number, phi: number): [number, number] {
  const [x, y, z] = solid(lam, phi, BESSEL);
  return flat(
    [
      DX + GROWTH * (x - RZ * y + RY * z),
      DY + GROWTH * (RZ * x + y - RX * z),
      DZ + GROWTH * (-RY * x + RX * y + z),
    ],
    WGS84,
  );
}

function toBessel(lam: number, phi: number): [number, number] {
  const [wx, wy, wz] = solid(lam, phi, WGS84);
  const [x, y, z] = [(wx - DX) / GROWTH, (wy - DY) / GROWTH, (wz - DZ) / GROWTH];
  return flat([x + RZ * y - RY * z, -RZ * x + y + RX * z, RY * x - RX * y + z], BESSEL);
}

function solid(lam: number, phi: number, { a, es }: typeof WGS84): Solid {
  const normal = a / Math.sqrt(1 - es * Math.sin(phi) ** 2);
  return [
    normal * Math.cos(phi) * Math.cos(lam),
    normal * Math.cos(phi) * Math.sin(lam),
    normal * (1 - es) * Math.sin(phi),
  ];
}

function flat([x, y, z]: Solid, { a, es }: typeof WGS84): [number, number] {
  const across = Math.hypot(x, y);
  let phi = Math.atan2(z, across * (1 - es));
  for (let i = 0; i < 6; i++) {
    const normal = a / Math.sqrt(1 - es * Math.sin(phi) ** 2);
    phi = Math.atan2(z + es * normal * Math.sin(phi), across);
  }
  return [Math.atan2(y, x), phi];
}
