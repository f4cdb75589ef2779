"""Files and folders of this machine, as far as a page may pick them."""
