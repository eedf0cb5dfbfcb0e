/** Administration of topics, for all protocols. */
@NullMarked
package io.millrace.metadata.admin;

import org.jspecify.annotations.NullMarked;
