package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The documents link to files and headings that exist, and name classes that exist. */
@NullMarked
class DocumentsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Set<String> SKIPPED_FOLDERS =
            Set.of("target", ".git", "node_modules", "millrace-data", "data");

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern FENCED = Pattern.compile("(?s)```.*?```");

    /** Camel case in backticks: two capitals at least, as in class names. */
    private static final Pattern TYPE =
            Pattern.compile("`((?:[A-Z][a-z0-9]+){2,}|S3[A-Z][A-Za-z]+)(?:[.#(][^`]*)?`");

    private static final Pattern WORD = Pattern.compile("\\b[A-Z]\\w+");

    /** Names of Kafka's protocol, which the documents mention. */
    private static final Set<String> NAMES_OF_KAFKA = Set.of("JoinGroup", "SyncGroup");

    @Test
    void linksLeadToFilesAndHeadings() {
        List<String> broken = new ArrayList<>();
        for (Path document : files(".md")) {
            LINK.matcher(FENCED.matcher(read(document)).replaceAll(""))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> !link.contains(":"))
                    .filter(link -> !leadsSomewhere(document, link))
                    .forEach(link -> broken.add(ROOT.relativize(document) + " -> " + link));
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void namedTypesExist() {
        Set<String> known = new HashSet<>(NAMES_OF_KAFKA);
        for (String ending : List.of(".java", ".proto")) {
            for (Path source : files(ending)) {
                WORD.matcher(read(source)).results().map(MatchResult::group).forEach(known::add);
            }
        }
        List<String> unknown = new ArrayList<>();
        for (Path document : files(".md")) {
            TYPE.matcher(read(document))
                    .results()
                    .map(type -> type.group(1))
                    .filter(type -> !known.contains(type))
                    .forEach(type -> unknown.add(ROOT.relativize(document) + ": " + type));
        }
        assertThat(unknown).isEmpty();
    }

    private static boolean leadsSomewhere(Path document, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? document : document.resolveSibling(file).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return hash < 0
                || !target.toString().endsWith(".md")
                || HEADING.matcher(read(target))
                        .results()
                        .anyMatch(heading ->
                                anchor(heading.group(1)).equals(link.substring(hash + 1)));
    }

    /** Returns the anchor that GitHub gives a heading. */
    private static String anchor(String heading) {
        return heading.strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\w\\- ]", "")
                .replace(' ', '-');
    }

    private static List<Path> files(String ending) {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(
                    ROOT,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(
                                Path folder, BasicFileAttributes attributes) {
                            return SKIPPED_FOLDERS.contains(folder.getFileName().toString())
                                    ? FileVisitResult.SKIP_SUBTREE
                                    : FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(
                                Path file, BasicFileAttributes attributes) {
                            if (file.toString().endsWith(ending)) {
                                found.add(file);
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        assertThat(found).as("files that end with %s", ending).isNotEmpty();
        return found;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
