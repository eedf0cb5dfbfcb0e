import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Rewrites jars whose classes have the version of Java 5 as classes of Java 8: a JVM does not put older classes
 * into an ahead-of-time cache. Arguments: the jars, replaced in place.
 */
class RaiseClassVersion {

    void main(String[] arguments) throws IOException {
        for (String jar : arguments) {
            Path from = Path.of(jar);
            Path to = Files.createTempFile(from.toAbsolutePath().getParent(), "raised", ".tmp");
            try {
                copy(from, to);
                Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
                Files.move(to, from, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(to);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (ZipFile source = new ZipFile(from.toFile());
                OutputStream out = Files.newOutputStream(to);
                ZipOutputStream target = new ZipOutputStream(out);
                URLClassLoader classes = new URLClassLoader(new URL[] {from.toUri().toURL()})) {
            ClassFile files = ClassFile.of(
                    StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(classes)));
            Enumeration<? extends ZipEntry> entries = source.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                byte[] bytes = source.getInputStream(entry).readAllBytes();
                target.putNextEntry(new ZipEntry(entry.getName()));
                target.write(entry.getName().endsWith(".class") ? raised(files, bytes) : bytes);
                target.closeEntry();
            }
        }
    }

    private static byte[] raised(ClassFile files, byte[] bytes) {
        ClassModel model = files.parse(bytes);
        if (model.majorVersion() >= ClassFile.JAVA_8_VERSION) {
            return bytes;
        }
        ClassTransform version = ClassTransform.endHandler(builder -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0));
        return files.transformClass(model, ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL).andThen(version));
    }
}
