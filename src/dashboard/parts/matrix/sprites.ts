import { isFaint, isOld, levelIn, MARK, markIn } from './cells.js';

/** The colours of a theme, as a canvas takes them. */
export interface MatrixColors {
  readonly ok: readonly [unknown: string, fast: string, middle: string, slow: string];
  readonly failed: string;
  readonly onFailed: string;
  readonly inconclusive: string;
  readonly none: string;
  readonly self: string;
}

/** Draws each kind of cell once, for one size and theme; cells are copies of it. */
export class Sprites {
  readonly #made = new Map<number, OffscreenCanvas>();
  readonly #width: number;
  readonly #height: number;
  readonly #scale: number;
  readonly #colors: MatrixColors;

  /** @param width of a cell in CSS pixels; @param height the same; @param scale device pixels for one of them. */
  constructor(width: number, height: number, scale: number, colors: MatrixColors) {
    this.#width = width;
    this.#height = height;
    this.#scale = scale;
    this.#colors = colors;
  }

  of(cell: number): OffscreenCanvas {
    const known = this.#made.get(cell) ?? this.#make(cell);
    this.#made.set(cell, known);
    return known;
  }

  #make(cell: number): OffscreenCanvas {
    const canvas = new OffscreenCanvas(
      Math.max(1, Math.round(this.#width * this.#scale)),
      Math.max(1, Math.round(this.#height * this.#scale)),
    );
    const context = canvas.getContext('2d');
    if (context === null) return canvas;
    context.scale(canvas.width / this.#width, canvas.height / this.#height);
    context.globalAlpha = isFaint(cell) ? 0.22 : isOld(cell) ? 0.5 : 1;
    this.#draw(context, markIn(cell), levelIn(cell));
    return canvas;
  }

  #draw(context: OffscreenCanvasRenderingContext2D, mark: number, level: number): void {
    if (mark === MARK.ok) this.#block(context, this.#colors.ok[level] ?? this.#colors.ok[0], this.#gap);
    else if (mark === MARK.failed) this.#failed(context);
    else if (mark === MARK.inconclusive) this.#ring(context);
    else if (mark === MARK.self) this.#slash(context);
    else this.#dot(context);
  }

  #failed(context: OffscreenCanvasRenderingContext2D): void {
    this.#block(context, this.#colors.failed, this.#isSmall ? 0 : 0.5);
    this.#cross(context);
  }

  get #gap(): number {
    if (this.#isSmall) return 1;
    return Math.max(0.5, Math.min(2, Math.min(this.#width, this.#height) * 0.12));
  }

  /** Of small cells: on whole pixels, with a gap at one side only; what failed has none. */
  get #isSmall(): boolean {
    return Math.min(this.#width, this.#height) < SMALL;
  }

  #block(context: OffscreenCanvasRenderingContext2D, color: string, gap: number): void {
    context.fillStyle = color;
    context.beginPath();
    if (this.#isSmall) context.rect(0, 0, this.#width - gap, this.#height - gap);
    else context.roundRect(gap, gap, this.#width - 2 * gap, this.#height - 2 * gap, 2.5);
    context.fill();
  }

  #cross(context: OffscreenCanvasRenderingContext2D): void {
    const size = Math.min(this.#width, this.#height);
    if (size < 6) return;
    const [x, y, arm] = [this.#width / 2, this.#height / 2, Math.min(size * 0.24, 6)];
    context.strokeStyle = this.#colors.onFailed;
    context.lineWidth = Math.max(1.2, Math.min(2.4, size * 0.12));
    context.lineCap = 'round';
    context.beginPath();
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
    context.stroke();
  }

  #ring(context: OffscreenCanvasRenderingContext2D): void {
    const size = Math.min(this.#width, this.#height);
    if (this.#isSmall) {
      context.strokeStyle = this.#colors.inconclusive;
      context.lineWidth = 1;
      context.strokeRect(0.5, 0.5, this.#width - 2, this.#height - 2);
      return;
    }
    const line = Math.min(1.8, size * 0.1);
    const gap = this.#gap + line / 2 + size * 0.06;
    context.strokeStyle = this.#colors.inconclusive;
    context.lineWidth = line;
    if (size >= 10) context.setLineDash([size * 0.2, size * 0.13]);
    context.beginPath();
    context.roundRect(gap, gap, this.#width - 2 * gap, this.#height - 2 * gap, 2.5);
    context.stroke();
    if (size < 15) return;
    context.fillStyle = this.#colors.inconclusive;
    context.font = `600 ${Math.min(14, size * 0.55)}px sans-serif`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText('?', this.#width / 2, this.#height / 2 + 0.5);
  }

  #slash(context: OffscreenCanvasRenderingContext2D): void {
    context.strokeStyle = this.#colors.self;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(this.#gap, this.#height - this.#gap);
    context.lineTo(this.#width - this.#gap, this.#gap);
    context.stroke();
  }

  #dot(context: OffscreenCanvasRenderingContext2D): void {
    const size = Math.min(this.#width, this.#height);
    const radius = Math.max(0.5, Math.min(2, size * 0.1));
    context.fillStyle = this.#colors.none;
    context.beginPath();
    context.arc(this.#width / 2, this.#height / 2, radius, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Pixels. */
const SMALL = 8;
