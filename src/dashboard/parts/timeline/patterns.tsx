/** What bars are filled with, beside their colours: once in a page that has timelines or a legend of one. */
export function TimelinePatterns() {
  return (
    <svg class="timeline-patterns" width="0" height="0" aria-hidden="true">
      <pattern id="timeline-hatched" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="timeline-pattern-ground" width="6" height="6" />
        <rect class="timeline-pattern-hatch" width="3" height="6" />
      </pattern>
      <pattern id="timeline-dotted" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect class="timeline-pattern-ground" width="6" height="6" />
        <circle class="timeline-pattern-dot" cx="3" cy="3" r="1.6" />
      </pattern>
    </svg>
  );
}
