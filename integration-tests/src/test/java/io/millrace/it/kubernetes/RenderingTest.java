package io.millrace.it.kubernetes;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Renders the base, the overlays and the components for the tests of a class. */
abstract class RenderingTest {

    @TempDir private static Path work;
    private static List<Rendering> renderings = List.of();

    @BeforeAll
    static void render() throws Exception {
        renderings = Renderings.all(work);
    }

    static List<Rendering> everything() {
        return renderings;
    }

    /** The base is completed by overlays. */
    static List<Rendering> overlays() {
        return renderings.subList(1, renderings.size());
    }
}
