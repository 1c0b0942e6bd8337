import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { imageFiles, imageTag } from "../../images/tags";

describe("Image tags", () => {
  let repository: string;
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(repository, file)), { recursive: true });
    writeFileSync(join(repository, file), text);
  };
  const tag = () => imageTag("books-cpu", repository);

  beforeEach(() => {
    repository = mkdtempSync(join(tmpdir(), "repository-"));
    put("images/books-cpu/Containerfile", "FROM scratch\n");
    put("pipelines/books/steps/books/prepare.py", "pass\n");
    put("pipelines/books/steps/requirements-cpu.txt", "numpy\n");
    put("pipelines/components/step_io/errors.py", "pass\n");
  });
  afterEach(() => rmSync(repository, { recursive: true }));

  it("are the same for the same content, wherever it lies", () => {
    const before = tag();
    const other = repository;
    try {
      repository = mkdtempSync(join(tmpdir(), "repository-"));
      put("pipelines/components/step_io/errors.py", "pass\n");
      put("pipelines/books/steps/requirements-cpu.txt", "numpy\n");
      put("pipelines/books/steps/books/prepare.py", "pass\n");
      put("images/books-cpu/Containerfile", "FROM scratch\n");

      assert.equal(tag(), before);
    } finally {
      rmSync(other, { recursive: true });
    }
    assert.match(before, /^[0-9a-f]{16}$/);
  });

  for (const [what, change] of [
    ["the Containerfile", () => put("images/books-cpu/Containerfile", "FROM debian\n")],
    ["a source", () => put("pipelines/books/steps/books/prepare.py", "fail\n")],
    ["a new source", () => put("pipelines/books/steps/books/more.py", "")],
    ["a permission", () => chmodSync(join(repository, "pipelines/books/steps/books/prepare.py"), 0o755)],
  ] as const) {
    it(`change with ${what}`, () => {
      const before = tag();
      change();

      assert.notEqual(tag(), before);
    });
  }

  it("change with none of the files that tools leave behind", () => {
    const before = tag();
    put("pipelines/books/steps/books/__pycache__/prepare.pyc", "x");
    put("pipelines/books/steps/books/.mypy_cache/x", "x");

    assert.equal(tag(), before);
  });

  it("name the source that is missing", () => {
    rmSync(join(repository, "pipelines/books/steps/requirements-cpu.txt"));

    assert.throws(tag, /"books-cpu" is made from pipelines\/books\/steps\/requirements-cpu.txt, which does not exist/);
  });

  it("of a bundled program follow the packages that are bundled", () => {
    assert.ok(imageFiles("serving").includes("package-lock.json"));
    assert.ok(!imageFiles("nfs-server").includes("package-lock.json"));
  });
});
