"""Import from easy-dataset (ConardLi/easy-dataset 1.7): its rows by its API, and the files that it exports."""
