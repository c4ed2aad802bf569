import { type JSX, type ReactNode, useEffect } from 'react';
import { createPortal } from 'react-dom';

/** The frame of a screen: where one is, and the title of the tab. */
export function Screen({ title, crumb, children }: { title: string; crumb?: ReactNode; children: ReactNode }): JSX.Element {
  useEffect(() => {
    document.title = `${title} · Longhaul`;
  }, [title]);
  return (
    <>
      <CrumbSlot>{crumb ?? title}</CrumbSlot>
      {children}
    </>
  );
}

/** Puts the crumb into the bar, which is the shell's. */
function CrumbSlot({ children }: { children: ReactNode }): JSX.Element | null {
  const place = document.getElementById('crumb');
  return place && createPortal(children, place);
}
