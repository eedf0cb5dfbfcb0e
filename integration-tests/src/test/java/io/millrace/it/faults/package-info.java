/**
 * A store that is slow and fails as it is told: a proxy before a real S3 server, for tests and,
 * from the command line, for measurements. Uses the JDK only.
 */
@NullMarked
package io.millrace.it.faults;

import org.jspecify.annotations.NullMarked;
