// Names of a tsconfig's `paths`, replaced by relative ones: Node knows only those.

import { dirname, join, relative } from 'node:path';

/**
 * For `transpileModule`. Replaces what imports and exports name, also in `import()` of a literal. Names that `paths` does not have stay as they are; of
 * its patterns only exact ones are known.
 * @param {import('typescript')} ts @param {Record<string, string[]>} paths @param {string} base  the folder that `paths` is relative to
 * @returns {import('typescript').TransformerFactory<import('typescript').SourceFile>}
 */
export function withoutAliases(ts, paths, base) {
  return (context) => (source) => {
    /** @param {import('typescript').Node} node @returns {import('typescript').Node} */
    const visit = (node) => {
      const target = ts.isStringLiteral(node) && isModuleName(ts, node) ? paths[node.text]?.[0] : undefined;
      if (target === undefined) return ts.visitEachChild(node, visit, context);
      const path = relative(dirname(source.fileName), join(base, target)).replace(/\.([cm]?)ts$/, '.$1js');
      return context.factory.createStringLiteral(path.startsWith('.') ? path : `./${path}`);
    };
    return /** @type {import('typescript').SourceFile} */ (ts.visitNode(source, visit));
  };
}

/** @param {import('typescript')} ts @param {import('typescript').StringLiteral} node */
function isModuleName(ts, { parent }) {
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent)) return true;
  return ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
}
