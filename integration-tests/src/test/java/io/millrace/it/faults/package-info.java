/**
 * A proxy before a real S3 server that makes it slow and unreliable as configured, for tests and,
 * from the command line, for measurements. Uses the JDK only.
 */
@NullMarked
package io.millrace.it.faults;

import org.jspecify.annotations.NullMarked;
