/** The metadata log: its port, append outcomes and manifest. */
@NullMarked
package io.millrace.metadata.log;

import org.jspecify.annotations.NullMarked;
