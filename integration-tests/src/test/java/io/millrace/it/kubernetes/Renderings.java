package io.millrace.it.kubernetes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Everything that operators can render: the base, each overlay, and each with all components. */
final class Renderings {

    private Renderings() {}

    /** Renders everything into a list whose first element is the base. */
    static List<Rendering> all(Path work) throws IOException, InterruptedException {
        List<Rendering> all = new ArrayList<>();
        all.add(Rendering.of(Manifests.folder().resolve("base")));
        Path complete = copy(work.resolve("with all components"));
        for (Path overlay : Manifests.kustomizations("overlays")) {
            all.add(Rendering.of(overlay));
            Path inCopy = complete.resolve(Manifests.folder().relativize(overlay));
            if (useAllComponents(inCopy)) {
                all.add(Rendering.of(inCopy));
            }
        }
        return all;
    }

    /** Does what an operator does to use the optional components of an overlay. */
    private static boolean useAllComponents(Path overlay) throws IOException {
        Path file = overlay.resolve("kustomization.yaml");
        String text = Files.readString(file);
        String all = text.replace("\n# - ../../components/", "\n  - ../../components/");
        Files.writeString(file, all);
        return !all.equals(text);
    }

    private static Path copy(Path target) throws IOException {
        Path source = Manifests.folder();
        for (Path file : Manifests.filesOf(source)) {
            Path copy = target.resolve(source.relativize(file));
            Files.createDirectories(Manifests.parentOf(copy));
            Files.copy(file, copy);
        }
        return target;
    }
}
