import { withModules } from '../create/nest.mjs';

const APP = `import { Module } from '@nestjs/common';
import { AppController } from './app.controller.js';

@Module({
  imports: [],
  controllers: [AppController],
})
export class AppModule {}
`;
const imported = (/** @type {string} */ list) => APP.replace('imports: [],', list);

describe('npm create longhaul --nest', () => {
  test('puts its modules into an application’s module that imports none', () => {
    const changed = String(withModules(APP));
    expect(changed).toContain("import { AppController } from './app.controller.js';\nimport { LonghaulModule } from 'longhaul/nest';");
    expect(changed).toMatch(/imports: \[\n {4}LonghaulModule\.forRoot\(\{[^]*\n {4}ReportsModule,\n {2}\],\n {2}controllers: \[AppController\],/);
  });

  test('keeps what the module imports already, on one line or on several', () => {
    expect(withModules(imported('imports: [ConfigModule, UsersModule],'))).toMatch(/ReportsModule, ConfigModule, UsersModule\],/);
    expect(withModules(imported('imports: [\n    ConfigModule,\n  ],'))).toMatch(/ReportsModule,\n {4}ConfigModule,\n {2}\],/);
  });

  test('adds the list where there is none, and gives up where there is no module', () => {
    expect(withModules(APP.replace('  imports: [],\n', ''))).toMatch(
      /@Module\(\{\n {2}imports: \[\n {4}LonghaulModule[^]*ReportsModule,\n {2}\],\n {2}controllers/,
    );
    expect(withModules("import x from 'x';\nexport class AppModule {}\n")).toBeUndefined();
  });
});
