/** From values to the pixels of a tile, on the graphics card. */
import { COLOURS, type Painter, type Planes, stretchOf } from './paint.ts';
import { coloursOf } from './palettes.ts';
import type { Style } from './style.ts';

const VERTEX = `#version 300 es
void main() {
  // One triangle that covers all.
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;
/** Nothing of the reader goes into this text: formulas are computed before, ranges are uniforms. */
const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D values;
uniform sampler2D palette;
uniform vec3 gain;
uniform vec3 bias;
uniform float first;
uniform bool isRamp;
uniform int height;
out vec4 colour;
bool isKnown(float value) {
  return !isnan(value) && !isinf(value);
}
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec4 value = texelFetch(values, ivec2(at.x, height - 1 - at.y), 0);
  bool known = isKnown(value.r) && (isRamp || (isKnown(value.g) && isKnown(value.b)));
  vec3 shade = clamp(floor(value.rgb * gain + bias), first, ${COLOURS}.0);
  if (!known) colour = vec4(0.0);
  else if (isRamp) colour = vec4(texelFetch(palette, ivec2(int(shade.r) - 1, 0), 0).rgb, 1.0);
  else colour = vec4(shade / 255.0, 1.0);
}`;

/** Drivers that make the processor play graphics card: slower than the processor by itself. */
const NO_CARD = /swiftshader|llvmpipe|softpipe|software|basic render/i;
/** Kept on the card between two looks; more is uploaded anew. */
const MOST_TEXTURES = 48;

export class GpuPainter implements Painter {
  #gl: WebGL2RenderingContext;
  #program: WebGLProgram;
  #textures = new Map<Planes, WebGLTexture>();
  #palette: WebGLTexture;
  #loaded = '';

  private constructor(gl: WebGL2RenderingContext, program: WebGLProgram) {
    this.#gl = gl;
    this.#program = program;
    this.#palette = this.#texture();
  }

  /** A painter, or null on a device without a card that is quicker than the processor. */
  static make(): GpuPainter | null {
    const canvas = document.createElement('canvas');
    const gl = canvas.getContext('webgl2', {
      alpha: true,
      antialias: false,
      depth: false,
      premultipliedAlpha: true,
      failIfMajorPerformanceCaveat: true,
    });
    const program = gl && !NO_CARD.test(nameOf(gl)) && link(gl);
    return program ? new GpuPainter(gl, program) : null;
  }

  get isLost(): boolean {
    return this.#gl.isContextLost();
  }

  paint(tile: Planes, style: Style, canvas: HTMLCanvasElement): void {
    const gl = this.#gl;
    if (gl.canvas.width !== tile.width || gl.canvas.height !== tile.height) {
      gl.canvas.width = tile.width;
      gl.canvas.height = tile.height;
    }
    gl.viewport(0, 0, tile.width, tile.height);
    gl.useProgram(this.#program);
    const isRamp = tile.planes.length === 1;
    const place = (name: string) => gl.getUniformLocation(this.#program, name);
    const stretches = style.ranges.map((range) => stretchOf(range, isRamp ? 1 : 0, COLOURS));
    const of = (part: 0 | 1) => [0, 1, 2].map((i) => (stretches[i] ?? stretches[0]!)[part]);
    gl.uniform3fv(place('gain'), of(0));
    gl.uniform3fv(place('bias'), of(1));
    gl.uniform1f(place('first'), isRamp ? 1 : 0);
    gl.uniform1i(place('isRamp'), isRamp ? 1 : 0);
    gl.uniform1i(place('height'), tile.height);
    gl.uniform1i(place('values'), 0);
    gl.uniform1i(place('palette'), 1);
    gl.activeTexture(gl.TEXTURE1);
    this.#loadPalette(style.palette);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.#valuesOf(tile));
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const context = canvas.getContext('2d')!;
    context.globalCompositeOperation = 'copy';
    context.drawImage(gl.canvas, 0, 0);
    context.globalCompositeOperation = 'source-over';
  }

  #loadPalette(name: string): void {
    const gl = this.#gl;
    gl.bindTexture(gl.TEXTURE_2D, this.#palette);
    if (this.#loaded === name) return;
    this.#loaded = name;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const colours = coloursOf(name, COLOURS);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB8, COLOURS, 1, 0, gl.RGB, gl.UNSIGNED_BYTE, colours);
  }

  /** The values of a tile as a texture, uploaded once as long as there is room. */
  #valuesOf(tile: Planes): WebGLTexture {
    const gl = this.#gl;
    const kept = this.#textures.get(tile);
    if (kept) {
      this.#textures.delete(tile);
      this.#textures.set(tile, kept);
      return kept;
    }
    for (const [old, texture] of this.#textures) {
      if (this.#textures.size < MOST_TEXTURES) break;
      gl.deleteTexture(texture);
      this.#textures.delete(old);
    }
    const texture = this.#texture();
    const { width, height, planes } = tile;
    if (planes.length === 1) {
      const plane = planes[0]!;
      const values = plane instanceof Float32Array ? plane : Float32Array.from(plane);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, height, 0, gl.RED, gl.FLOAT, values);
    } else {
      const values = new Float32Array(width * height * 4);
      planes.forEach((plane, channel) => {
        for (let i = 0; i < plane.length; i++) values[4 * i + channel] = plane[i]!;
      });
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, width, height, 0, gl.RGBA, gl.FLOAT, values);
    }
    this.#textures.set(tile, texture);
    return texture;
  }

  #texture(): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    }
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
    return texture;
  }
}

function nameOf(gl: WebGL2RenderingContext): string {
  const told = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

function link(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
