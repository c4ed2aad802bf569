import type { JSX } from 'react';
import { aboutClock, count } from '../../words/words';

const WIDTH = 96;
const HEIGHT = 24;
const LEAST = 3;

/** How many came in each hour, as small bars. */
export function Spark({ hours, from }: { hours: readonly number[]; from: string }): JSX.Element {
  const most = Math.max(1, ...hours);
  const step = WIDTH / hours.length;
  const sum = hours.reduce((all, one) => all + one, 0);
  const top = new Date(Date.parse(from) + hours.indexOf(most) * 3_600_000);
  const words =
    sum === 0 ? `none in ${count(hours.length, 'hour')}` : `${count(sum, 'letter')} in ${count(hours.length, 'hour')}, most after ${aboutClock(top)}`;
  return (
    <svg className="spark" viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`} preserveAspectRatio="none" role="img" aria-label={words}>
      {hours.map((hour, index) => {
        const height = hour === 0 ? 1 : Math.max(LEAST, (hour / most) * HEIGHT);
        return <rect key={index} className={hour === 0 ? 'z' : undefined} x={index * step} width={Math.max(1, step - 1)} y={HEIGHT - height} height={height} />;
      })}
    </svg>
  );
}
