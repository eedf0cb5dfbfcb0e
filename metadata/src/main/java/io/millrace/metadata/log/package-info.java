/** The metadata log: its port, its append outcomes and its manifest. */
@NullMarked
package io.millrace.metadata.log;

import org.jspecify.annotations.NullMarked;
