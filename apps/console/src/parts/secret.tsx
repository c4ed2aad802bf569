import { Modal } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { Command } from './parts';

/** The one time that a secret is shown. */
export function Secret({ title, text, children, onClose }: { title: string; text: string; children: ReactNode; onClose: () => void }): JSX.Element {
  return (
    <Modal opened onClose={onClose} title={title} size={560} classNames={{ title: 'deed-title' }}>
      <div className="deed">
        {children}
        <Command text={text} />
        <footer>
          <button type="button" className="btn primary" onClick={onClose}>
            It is copied
          </button>
        </footer>
      </div>
    </Modal>
  );
}
